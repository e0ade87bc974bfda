module.exports = app => {
  const { router } = app;
  router.get('/egg/session', ctx => { ctx.body = ctx.session; });
  router.post('/egg/session', ctx => {
    Object.assign(ctx.session, ctx.request.body);
    ctx.body = {};
  });
  router.post('/egg/regenerate', async ctx => {
    await ctx.session.regenerate();
    ctx.body = {};
  });
  router.post('/egg/remove', ctx => {
    ctx.session = null;
    ctx.body = {};
  });
  router.post('/egg/cookie', ctx => {
    const { name, value, options } = ctx.request.body;
    ctx.cookies.set(name, value, options);
    ctx.body = {};
  });
  router.post('/egg/read', ctx => {
    const { name, options } = ctx.request.body;
    ctx.body = { value: ctx.cookies.get(name, options) ?? null };
  });
};
