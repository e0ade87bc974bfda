"use strict";
// busboy on Node: `node server.js PORT FOLDER`; /disk saves, /handler counts, / answers hello.
const {createWriteStream} = require("fs");
const {createServer} = require("http");
const {join} = require("path");
const busboy = require("busboy");

const [port, folder] = process.argv.slice(2);
let number = 0;

createServer((request, response) => {
    if (request.method === "GET") {
        response.end("hello");
        return;
    }
    let size = 0;
    const open = [];
    const parts = busboy({headers: request.headers});
    parts.on("file", (_name, file) => {
        file.on("data", data => { size += data.length; });
        if (request.url === "/disk") {
            const out = createWriteStream(join(folder, `${number++}`));
            open.push(new Promise(done => out.on("close", done)));
            file.pipe(out);
        } else {
            file.resume();
        }
    });
    parts.on("close", () => Promise.all(open).then(() => response.end(`${size}`)));
    request.pipe(parts);
}).listen(Number(port), "127.0.0.1");
