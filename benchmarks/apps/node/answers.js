'use strict';

/** The text of GET /hello. */
exports.HELLO = 'hello, egg';

/** Return the object of GET /json, built anew for each request. */
exports.team = () => ({
  size: 10,
  members: Array.from({ length: 10 }, (_, n) => ({ id: n, name: `member ${n}`, active: true })),
});

/** Return the object of GET /api/users/:id, built anew for each request. */
exports.account = (user, verbose) => ({
  id: user,
  verbose: verbose === '1',
  items: Array.from({ length: 10 }, (_, n) => ({ id: n, label: `item ${n} of ${user}` })),
});
