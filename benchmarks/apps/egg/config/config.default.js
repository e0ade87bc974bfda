exports.keys = 'bench-only';
exports.cluster = { listen: { hostname: '127.0.0.1' } };
// A token per request is a browser's business: without this, /echo would be refused.
exports.security = { csrf: { ignore: '/echo' } };
exports.session = { encrypt: false };
exports.view = { defaultViewEngine: 'nunjucks' };
