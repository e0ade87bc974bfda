// node cookies.mjs < CASES: what npm's packages make of each case, as a list of JSON.
//
// { "by": "@eggjs/cookies" | "egg-cookies", "keys": [..], "defaults": {..}, "secure": true,
//   "agent": "..", "cookie": "..", "calls": [["set", name, value, options], ["get", name, options]] }
// gives { "lines": [Set-Cookie, ..], "values": [what each get returned] }
//
// { "by": "keygrip", "keys": [..], "algorithm": "sha1", "data": "..", "signature": ".." }
// gives { "signature": "..", "index": n }

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.argv[2] + "/");
const egg = { "@eggjs/cookies": require("@eggjs/cookies").Cookies, "egg-cookies": require("egg-cookies") };
const Koa = require("cookies");
const Keygrip = require("keygrip");

function context({ secure = false, agent = "", cookie = "" }) {
  const headers = { "user-agent": agent, cookie };
  const ctx = {
    secure,
    sent: [],
    app: { emit() {} },
    get: (name) => headers[name.toLowerCase()],
    response: { get: () => ctx.sent },
    set: (name, lines) => { ctx.sent = lines; },
  };
  ctx.request = ctx;
  return ctx;
}

function ofEgg({ by, keys, defaults = {}, calls, ...rest }) {
  const ctx = context(rest);
  const cookies = new egg[by](ctx, keys, defaults);
  const values = [];
  for (const [method, ...given] of calls) {
    const result = cookies[method](...given);
    if (method === "get") values.push(result ?? null);
  }
  return { lines: ctx.sent, values };
}

function ofKoa({ keys, algorithm, name, value, cookie }) {
  const sent = [];
  const request = { headers: { cookie }, protocol: "http", connection: {} };
  const response = { getHeader: () => sent, setHeader: (_, lines) => sent.splice(0, sent.length, ...lines) };
  const cookies = new Koa(request, response, { keys: new Keygrip(keys, algorithm) });
  if (value !== undefined) cookies.set(name, value, {});
  return { lines: sent, values: [cookies.get(name, { signed: true }) ?? null] };
}

function ofKeygrip({ keys, algorithm, data, signature }) {
  const keygrip = new Keygrip(keys, algorithm);
  return { signature: keygrip.sign(data), index: signature ? keygrip.index(data, signature) : null };
}

const answers = { cookies: ofKoa, keygrip: ofKeygrip };
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map((each) => (answers[each.by] ?? ofEgg)(each))));
