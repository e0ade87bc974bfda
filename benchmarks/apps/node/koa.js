'use strict';

const Koa = require('koa');
const Router = require('@koa/router');
const bodyParser = require('koa-bodyparser');
const { HELLO, account, team } = require('./answers');
const { serve } = require('./cluster');

const router = new Router();
router.get('/hello', ctx => { ctx.body = HELLO; });
router.get('/json', ctx => { ctx.body = team(); });
router.get('/api/users/:id', ctx => { ctx.body = account(ctx.params.id, ctx.query.verbose); });
router.post('/echo', ctx => { ctx.body = ctx.request.body; });

const app = new Koa();
app.use(bodyParser());
app.use(router.routes());
app.use(router.allowedMethods());

serve(port => app.listen(port, '127.0.0.1'));
