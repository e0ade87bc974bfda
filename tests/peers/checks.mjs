// What a fetch of the WHATWG standard makes of our answers; run by Node and by a browser.

async function seen(base, path, options = {}) {
  const answer = await fetch(base + path, { cache: "no-store", ...options });
  const text = await answer.text();
  return { status: answer.status, type: answer.headers.get("content-type"), text, answer };
}

export async function checks(base) {
  const file = await seen(base, "/file");
  const etag = file.answer.headers.get("etag");
  const post = (data) => ({
    method: "POST",
    body: JSON.stringify(data),
    headers: { "content-type": "application/json" },
  });
  const asked = {
    hello: ["/hello"],
    again: ["/hello"],
    head: ["/hello", { method: "HEAD" }],
    nothing: ["/nothing"],
    // Without a Cache-Control of its own, fetch adds one that asks for the whole file.
    unchanged: ["/file", { headers: { "if-none-match": etag, "cache-control": "max-age=0" } }],
    range: ["/file", { headers: { range: "bytes=5-8" } }],
    beyond: ["/file", { headers: { range: "bytes=999999-" } }],
    echo: ["/echo", post({ text: "äöü".repeat(20000) })],
    missing: ["/missing"],
    chunks: ["/chunks"],
  };
  const found = { file: [file.status, file.type, file.text] };
  for (const [name, [path, options]] of Object.entries(asked)) {
    const { status, type, text } = await seen(base, path, options);
    found[name] = [status, type, text];
  }
  found.parallel = (await Promise.all(Array.from({ length: 30 }, () => seen(base, "/hello"))))
    .map((each) => each.text).join("");
  return found;
}
