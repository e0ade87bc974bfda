// The worker's half of benchmarks/messages_once.py, for Egg.
'use strict';

const fs = require('fs');
const DATA = { path: '/x'.repeat(60), user: { id: 12345, name: 'somebody' }, tags: [ 'a', 'b', 'c' ] };

module.exports = app => {
  const { messenger } = app;
  const once = action => new Promise(resolve => messenger.once(action, resolve));
  const tick = () => new Promise(resolve => setImmediate(resolve));
  const micros = () => Number(process.hrtime.bigint()) / 1000;

  async function burst(count, data, together) {
    const began = micros();
    const arrived = once('all-arrived');
    for (let i = 0; i < count; i++) {
      messenger.sendToAgent('work', data);
      if (i % together === together - 1) await tick();
    }
    messenger.sendToAgent('end-of-work', { pid: process.pid });
    await arrived;
    return count * 1e6 / (micros() - began);
  }

  async function ping(count) {
    const times = [];
    const data = { ...DATA, pid: process.pid };
    for (let i = 0; i < count; i++) {
      const pong = once('pong');
      const began = micros();
      messenger.sendToAgent('ping', data);
      await pong;
      times.push(micros() - began);
    }
    times.sort((a, b) => a - b);
    return [ times[count >> 1], times[Math.floor(count * 0.99)] ];
  }

  messenger.once('egg-ready', async () => {
    const { MESSAGES_RESULT: file, MESSAGES_COUNT } = process.env;
    const count = Number(MESSAGES_COUNT);
    const result = {};
    await ping(3000);
    await burst(count / 4, DATA, 64);
    result.messages = await burst(count, DATA, 64);
    [ result.p50, result.p99 ] = await ping(3000);
    await burst(20, 'x'.repeat(1 << 20), 1);
    result.large = await burst(100, 'x'.repeat(1 << 20), 1);
    fs.writeFileSync(file + '.part', JSON.stringify(result));
    fs.renameSync(file + '.part', file);
  });
};
