const Redis = require('ioredis');

module.exports = class AppBoot {
  constructor(app) {
    this.app = app;
  }

  // As egg-session-redis does it.
  async didLoad() {
    if (!this.app.config.redis) return;
    const redis = new Redis({ path: this.app.config.redis });
    this.app.sessionStore = {
      async get(key) {
        const text = await redis.get(key);
        return text ? JSON.parse(text) : undefined;
      },
      async set(key, value, maxAge) {
        const age = typeof maxAge === 'number' ? maxAge : 86400000;
        await redis.set(key, JSON.stringify(value), 'PX', age);
      },
      async destroy(key) {
        await redis.del(key);
      },
    };
  }
};
