// node server.js PORT: one process; prints its port when it accepts connections.
const { start } = require('egg');

start({ baseDir: __dirname, mode: 'single', env: 'prod' }).then(async app => {
  await app.ready();
  const server = app.listen(Number(process.argv[2] || 7001), '127.0.0.1', () =>
    console.log(`port ${server.address().port}`));
});
