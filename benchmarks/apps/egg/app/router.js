module.exports = app => {
  const { bench } = app.controller;
  app.router.get('/hello', bench.hello);
  app.router.get('/json', bench.json);
  app.router.get('/api/users/:id', bench.users);
  app.router.post('/echo', bench.echo);
  app.router.get('/table', bench.table);
  app.router.get('/session', bench.session);
  app.router.get('/logged', bench.logged);
};
