// node parameter.mjs PACKAGES < CASES: what npm's `parameter` makes of each case, as a list of JSON.
//
// { "options": {..}, "rules": {..}, "data": {..} } gives { "errors": [..] | null, "data": {..} }, or
// { "thrown": ".." }. A rule may have { "$regexp": source } as format.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.argv[2] + "/");
const Parameter = require("parameter");

function revived(_key, value) {
  return value && value.$regexp !== undefined ? new RegExp(value.$regexp) : value;
}

function judged({ options, rules, data }) {
  try {
    return { errors: new Parameter(options).validate(rules, data) ?? null, data };
  } catch (error) {
    return { thrown: String(error) };
  }
}

const cases = JSON.parse(readFileSync(0, "utf8"), revived);
process.stdout.write(JSON.stringify(cases.map(judged)));
