// What the page does in the browser: questions are asked one by one, in the order in which they were sent; a citation
// opens its article, and the quoted words come into view.
(() => {
  const wenbao = window.wenbao;
  const narrow = matchMedia("(max-width: 800px), (max-height: 500px)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const cited = 'a[href^="#cite-"]';
  let clicked = null; // the citation that the reader opened last: where "back" leads

  const waiting = []; // what was sent while another is being answered: { question, instead }
  let asking = null; // what is being answered
  let asked = 0; // how many were asked: tells the end of one from the end of another
  const queue = document.createElement("ul"); // shows them over the box
  queue.id = "wb-waiting";

  const box = () => document.querySelector("#wb-ask textarea");

  function list() {
    document.documentElement.classList.toggle("wb-busy", asking !== null);
    queue.replaceChildren(...waiting.map((one) => Object.assign(document.createElement("li"), { textContent: one.question })));
  }

  function askNext() {
    // Gradio ignores it while an answer is under way.
    if (waiting.length && !wenbao.isLost) document.querySelector("#wb-next").click();
  }

  function fill(text) {
    box().value = text;
    box().dispatchEvent(new Event("input", { bubbles: true })); // Gradio keeps the box's text too
  }

  wenbao.send = (question, instead = "") => {
    if (!question.trim()) return;
    waiting.push({ question, instead });
    list();
    askNext();
  };
  // What goes to the server with a question; it checks all of it.
  wenbao.next = () => {
    asking = waiting.shift() ?? { question: "", instead: "" };
    clicked = null; // what comes beside the answer is not what the reader opened, and moves nobody
    asked += 1;
    list();
    return JSON.stringify({ ...asking, conversation: wenbao.conversation, number: asked });
  };
  // What the server says at the end of an answer, nothing where it never came to its end.
  wenbao.answered = (told) => {
    const end = told ? JSON.parse(told) : {};
    if (end.number !== asked) {
      if (asking) wenbao.cutOff();
      return;
    }
    asking = null;
    list();
    if ("conversation" in end) wenbao.move(end.conversation);
    if (end.answer) wenbao.tell("answer", end.answer);
    if (end.failed && !box().value) fill(end.failed); // never over what was typed since
    if (waiting.length) askNext();
    else document.querySelector("#wb-offer").click();
  };
  // Puts a question of somebody else's into the box, unsent, never over what the reader wrote; says what is theirs in it.
  wenbao.offer = (question, offered) => {
    if (box().value && box().value !== offered) return offered;
    fill(question);
    box().focus();
    return question;
  };
  wenbao.busy = () => asking !== null || waiting.length > 0;
  wenbao.move = (conversation) => {
    wenbao.conversation = conversation;
    wenbao.share = "";
    wenbao.show();
  };
  wenbao.forget = () => {
    waiting.length = 0;
    asking = null;
    asked += 1; // whatever ends now is of before
    list();
  };

  // The connection is lost: the question that has no answer goes back into the box, and is asked again when it is back.
  wenbao.lost = () => {
    if (!asking?.question) return;
    wenbao.again = [asking];
    asking = null;
    list();
    if (!box()) return;
    if (!box().value) fill(wenbao.again[0].question);
  };
  wenbao.back = () => {
    const again = wenbao.again ?? [];
    wenbao.again = [];
    // Where it was changed since, it is the reader's to send.
    const untouched = again.filter((one) => box().value === one.question);
    if (untouched.length) fill("");
    waiting.unshift(...untouched);
    list();
    setTimeout(askNext); // after isLost is taken back
  };

  function takeQuestion(event) {
    // Gradio reads the box a frame later and would take what is typed next with it.
    event.preventDefault();
    event.stopPropagation();
    const question = box().value;
    if (!question.trim()) return;
    if (wenbao.isLost) {
      wenbao.again = [{ question, instead: "" }];
      return;
    }
    fill("");
    wenbao.send(question);
  }

  document.addEventListener(
    "keypress", // not keydown: an input method's Enter is none
    (event) => {
      if (event.key === "Enter" && !event.shiftKey && event.target.matches?.("#wb-ask textarea")) takeQuestion(event);
    },
    true,
  );

  function open(link) {
    // The clicked place first; then the same message's others, so that all it quotes of the article is marked.
    const message = link.closest(".wb-answer") ?? link.parentElement;
    const links = [link, ...message.querySelectorAll(cited)];
    wenbao.wanted = [...new Set(links.map((one) => one.getAttribute("href")))].join(" ");
    clicked = link;
    document.querySelector("#wb-open").click();
    wenbao.tell("cited", { href: link.getAttribute("href"), n: parseInt(link.textContent.slice(1), 10) || null });
  }

  function back() {
    // Gradio may have drawn the message anew since.
    const again = clicked && document.querySelector(`#wb-chat a[href="${clicked.getAttribute("href")}"]`);
    const target = clicked?.isConnected && !clicked.closest("#wb-source") ? clicked : (again ?? box());
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
  }

  // What is meant is what was under the pointer when it went down: what comes beside an answer may move the page before
  // it comes up, and the browser then clicks on what holds both places.
  const SHAKY = 8; // pixels by which a hand may move between
  let pressed = null;
  addEventListener("pointerdown", (event) => (pressed = event), true);
  addEventListener("pointercancel", () => (pressed = null), true);
  addEventListener(
    "click",
    (event) => {
      const meant = pressed?.target.closest?.("a, button");
      const far = pressed && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) > SHAKY;
      pressed = null;
      if (!event.isTrusted || !meant?.isConnected || far || meant.contains(event.target)) return;
      event.preventDefault();
      event.stopPropagation();
      meant.click();
    },
    true,
  );

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(`${cited}, a[href="#wb-back"]`);
    if (!link) return;
    event.preventDefault();
    if (link.matches(cited)) open(link);
    else back();
  });

  document.addEventListener(
    "click",
    (event) => {
      if (event.target.closest?.("#wb-ask .submit-button")) takeQuestion(event);
    },
    true, // before Gradio
  );

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest?.("#wb-source-side")) back();
  });

  function show() {
    const side = document.querySelector("#wb-source-side");
    const article = side.querySelector(".wb-article");
    const mark = side.querySelector("mark.wb-asked");
    const behavior = calm.matches ? "auto" : "smooth";
    if (narrow.matches) {
      // Stacked: move the reader only when the reader asked for it.
      if (clicked) (mark ?? side).scrollIntoView({ block: "center", behavior });
    } else {
      const top = mark ? mark.getBoundingClientRect().top - side.getBoundingClientRect().top + side.scrollTop : 0;
      side.scrollTo({ top: Math.max(0, top - side.clientHeight / 3), behavior });
    }
    if (clicked) article?.focus({ preventScroll: true });
  }

  // An answer is read from its beginning: its question stays in view while it comes, unless the reader scrolls.
  let followed = ""; // the question that was brought into view
  let left = false; // whether the reader has scrolled since
  for (const each of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    addEventListener(each, (event) => (left ||= event.target.closest?.("#wb-chat") != null), { capture: true, passive: true });
  }
  function follow() {
    const questions = document.querySelectorAll("#wb-chat .wb-question");
    const last = questions[questions.length - 1];
    const now = `${questions.length} ${last?.textContent}`;
    const another = now !== followed;
    if (another) left = false;
    followed = now;
    if (!last || left || !(another || asking)) return;
    const panel = last.closest(".panel-wrap");
    panel.scrollTop += last.getBoundingClientRect().top - panel.getBoundingClientRect().top - 8;
  }

  // Gradio cuts what it shows of attributes: what a screen reader needs is put back.
  function name() {
    document.querySelectorAll("#wb-chat [data-testid][aria-label]").forEach((m) => m.removeAttribute("aria-label"));
    document.querySelectorAll("#wb-chat .wb-on:not([aria-pressed])").forEach((b) => b.setAttribute("aria-pressed", "true"));
    document.querySelectorAll('#wb-chat .examples[role="list"]').forEach((list) => list.setAttribute("role", "group"));
  }

  const drawn = setInterval(() => {
    const source = document.querySelector("#wb-source");
    if (!source || !box() || !document.querySelector(".wb-greeting, #wb-chat .message")) return;
    clearInterval(drawn);
    document.querySelector("#wb-ask").before(queue);
    const fold = document.querySelector("#wb-filter");
    const unfold = () => {
      // The browser's own date fields: they show a day as its reader writes it, and give ours.
      fold.querySelectorAll('.wb-day input[type="text"]').forEach((day) => (day.type = "date"));
      const open = fold.querySelector('[data-testid="accordion-content"]').style.display !== "none";
      fold.querySelector("button").setAttribute("aria-expanded", open);
    };
    unfold();
    new MutationObserver(unfold).observe(fold, { childList: true, subtree: true, attributeFilter: ["style"] });
    new MutationObserver(show).observe(source, { childList: true, subtree: true });
    name();
    new MutationObserver(name).observe(document.querySelector("#wb-chat"), { childList: true, subtree: true });
    follow();
    new MutationObserver(follow).observe(document.querySelector("#wb-chat"), { childList: true, subtree: true });
    document.documentElement.lang = wenbao.language === "zh" ? "zh-CN" : "en"; // Gradio's own is the browser's
    wenbao.drawn();
    const again = wenbao.saved.again ?? [];
    wenbao.handOver(box(), fill);
    if (again.length && box().value === again[0].question) {
      fill("");
      wenbao.send(again[0].question, again[0].instead);
    }
    wenbao.tell("drawn");
  }, 50);
})();
