// What was asked of the server and is on its way.
//
// Gradio's client opens a stream of results when it has none, and its server ends it when nothing more is to come. What is
// sent in that very moment would wait for ever, since the client takes the old stream for open. So the reply to what is
// sent is kept back until the stream has told of it, or is over.
(() => {
  const LONGEST = 10_000; // milliseconds that a reply is kept back: then something else is wrong
  const SOON = 2_000; // milliseconds for which calls are waited for
  const ID = /"event_id":\s*"([^"]+)"/g;
  const SPLIT = 100; // characters at a chunk's end that the next may complete
  let stream = null; // the one that is open: { told, heard }, what it has told of, and who waits for more
  const calls = new Set(); // without a queue: replies that have not come

  const after = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));
  const wakeAll = (one) => one.heard.splice(0).forEach((wake) => wake());

  async function listen(body, one) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      rest += decoder.decode(value, { stream: true });
      for (const found of rest.matchAll(ID)) one.told.add(found[1]);
      rest = rest.slice(-SPLIT);
      wakeAll(one);
    }
  }

  function opened(answer, signal) {
    const one = { told: new Set(), heard: [] };
    const over = () => {
      if (stream === one) stream = null;
      wakeAll(one);
    };
    stream = one;
    signal?.addEventListener("abort", over); // Gradio has heard of its end
    listen(answer.clone().body, one).then(over, over);
    return answer;
  }

  async function told(answer) {
    const { event_id: id } = await answer.clone().json().catch(() => ({}));
    const until = performance.now() + LONGEST;
    while (stream && !stream.told.has(id) && performance.now() < until) {
      await Promise.race([new Promise((wake) => stream.heard.push(wake)), after(LONGEST)]);
    }
    return answer;
  }

  // An answer to a request, as Gradio may have it.
  window.wenbao.results = (answer, path, signal) => {
    if (answer.ok && path.endsWith("/queue/data")) return opened(answer, signal);
    return answer.ok && path.endsWith("/queue/join") ? told(answer) : answer;
  };
  // A request that was made.
  window.wenbao.called = (answer, path) => {
    if (!path.endsWith("/run/predict")) return;
    calls.add(answer);
    const done = () => calls.delete(answer);
    answer.then(done, done);
  };
  // When no call is on its way whose reply could come behind that to the next.
  window.wenbao.quiet = () => Promise.race([Promise.allSettled(calls), after(SOON)]);
})();
