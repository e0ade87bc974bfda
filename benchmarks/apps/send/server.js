// send on Node's own server, as its documentation writes it: `node server.js PORT FOLDER`.
'use strict';

const http = require('node:http');
const send = require('send');

const [port, root] = process.argv.slice(2);

http
  .createServer((request, response) => {
    send(request, request.url, { root, maxAge: '1y' }).pipe(response);
  })
  .listen(Number(port), '127.0.0.1');
