exports.keys = process.env.SHOP_KEYS;
exports.session = {
  key: 'SHOP_SESS',
  maxAge: 7 * 24 * 3600 * 1000,
  sameSite: 'lax',
  // Egg 4.0 does not encrypt by default, eggd does.
  encrypt: true,
};
exports.proxy = true;
// The session's cookie is SameSite=Lax, so forms of other sites do not have it.
exports.security = { csrf: false };
