'use strict';

const fastify = require('fastify')();
const { HELLO, account, team } = require('./answers');
const { serve } = require('./cluster');

fastify.get('/hello', async (request, reply) => {
  reply.type('text/plain; charset=utf-8');
  return HELLO;
});
fastify.get('/json', async () => team());
fastify.get('/api/users/:id', async request => (
  account(request.params.id, request.query.verbose)
));
fastify.post('/echo', async request => request.body);

serve(port => fastify.listen({ port, host: '127.0.0.1' }));
