// node uploads.mjs URL TYPE SIZE: the status that Node's fetch (undici) sees of a large upload.

const [url, type, size] = process.argv.slice(2);
const answer = await fetch(url, {
  method: "POST",
  body: Buffer.alloc(Number(size)),
  headers: { "content-type": type },
});
console.log(answer.status);
