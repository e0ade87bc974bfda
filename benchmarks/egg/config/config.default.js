exports.keys = 'bench-only';
exports.cluster = { listen: { hostname: '127.0.0.1' } };
