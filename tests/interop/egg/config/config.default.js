// What a test chooses: {"keys": ..., "session": {...}, "redis": "/path/of/socket"}.
const chosen = JSON.parse(process.env.INTEROP);
exports.keys = chosen.keys;
exports.session = chosen.session;
exports.redis = chosen.redis;
exports.security = { csrf: false };
exports.proxy = true;
