// node node.mjs http://127.0.0.1:PORT: what Node's fetch makes of our answers, as JSON.

import { checks } from "./checks.mjs";

console.log(JSON.stringify(await checks(process.argv[2])));
