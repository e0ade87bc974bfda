'use strict';

const Koa = require('koa');
const Router = require('@koa/router');
const bodyParser = require('koa-bodyparser');
const CSRF = require('koa-csrf');
const helmet = require('koa-helmet');
const session = require('koa-session');
const { HELLO, account, team } = require('./answers');
const { serve } = require('./cluster');

const router = new Router();
router.get('/hello', ctx => { ctx.body = HELLO; });
router.get('/json', ctx => { ctx.body = team(); });
router.get('/api/users/:id', ctx => { ctx.body = account(ctx.params.id, ctx.query.verbose); });
router.post('/echo', ctx => { ctx.body = ctx.request.body; });

const app = new Koa();
app.keys = [ 'bench-only' ];
app.use(session.default ? session.default(app) : session(app));
app.use(helmet.default ? helmet.default() : helmet());
app.use(bodyParser());
// A token per request is a browser's business: without this, /echo would be refused.
app.use(new CSRF({ ignoredPathGlobs: [ '/echo' ] }));
app.use(router.routes());
app.use(router.allowedMethods());

serve(port => app.listen(port, '127.0.0.1'));
