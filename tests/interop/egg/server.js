// One process, as `egg.start` runs it; prints its port when it accepts connections.
const { start } = require('egg');

start({ baseDir: __dirname, mode: 'single', env: 'prod' }).then(async app => {
  await app.ready();
  const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
});
