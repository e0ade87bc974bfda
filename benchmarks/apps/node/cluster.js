'use strict';

const cluster = require('node:cluster');

/** Run `listen(port)` in this process, or in `workers` of a cluster: node THIS.js PORT WORKERS. */
exports.serve = listen => {
  const [port, workers] = process.argv.slice(2).map(Number);
  if (workers > 1 && cluster.isPrimary) {
    for (let n = 0; n < workers; n++) cluster.fork();
  } else {
    listen(port);
  }
};
