module.exports = app => {
  const { router } = app;
  router.get('/', ctx => {
    ctx.body = { by: 'egg', user: ctx.session.user || null };
  });
  router.post('/login', async ctx => {
    await ctx.session.regenerate();
    ctx.session.user = ctx.request.body.name;
    ctx.body = { by: 'egg', user: ctx.session.user };
  });
  router.post('/cart', ctx => {
    ctx.session.cart = [ ...(ctx.session.cart || []), ctx.request.body.item ];
    ctx.body = { by: 'egg', cart: ctx.session.cart };
  });
  router.post('/logout', ctx => {
    ctx.session = null;
    ctx.body = { by: 'egg' };
  });
};
