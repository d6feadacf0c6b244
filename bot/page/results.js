// Gradio's stream of results. Its client opens one when it has none, its server ends it when nothing more is to come;
// what is sent in that very moment would wait for ever, since the client takes the old one for open. So the reply to
// what is sent is kept back until the stream has told of it, or is over.
(() => {
  const LONGEST = 10_000; // milliseconds that a reply is kept back: then something else is wrong
  const ID = /"event_id":\s*"([^"]+)"/g;
  const SPLIT = 100; // characters at a chunk's end that the next may complete
  let stream = null; // the one that is open: { told, heard }, what it has told of, and who waits for more

  function over(one) {
    if (stream === one) stream = null;
    one.heard.splice(0).forEach((wake) => wake());
  }

  // The same answer, listened to.
  function listened(answer, signal) {
    const one = { told: new Set(), heard: [] };
    const decoder = new TextDecoder();
    let rest = "";
    stream = one;
    signal?.addEventListener("abort", () => over(one)); // Gradio has heard of its end
    const ear = new TransformStream({
      transform(chunk, out) {
        rest += decoder.decode(chunk, { stream: true });
        for (const found of rest.matchAll(ID)) one.told.add(found[1]);
        rest = rest.slice(-SPLIT);
        one.heard.splice(0).forEach((wake) => wake());
        out.enqueue(chunk);
      },
      flush: () => over(one),
    });
    return new Response(answer.body.pipeThrough(ear), { status: answer.status, headers: answer.headers });
  }

  async function told(answer) {
    const { event_id: id } = await answer.clone().json().catch(() => ({}));
    const until = performance.now() + LONGEST;
    while (stream && !stream.told.has(id) && performance.now() < until) {
      await Promise.race([new Promise((wake) => stream.heard.push(wake)), new Promise((wake) => setTimeout(wake, LONGEST))]);
    }
    return answer;
  }

  window.wenbao.results = (answer, path, signal) => {
    if (answer.ok && path.endsWith("/queue/data")) return listened(answer, signal);
    return answer.ok && path.endsWith("/queue/join") ? told(answer) : answer;
  };
})();
