// The agent's half of benchmarks/messages_once.py, for Egg.
'use strict';

module.exports = agent => {
  agent.messenger.on('ping', data => agent.messenger.sendTo(data.pid, 'pong', data));
  agent.messenger.on('work', () => {});
  agent.messenger.on('end-of-work', data => agent.messenger.sendTo(data.pid, 'all-arrived', 0));
};
