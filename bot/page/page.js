// What the page does in the browser: questions are asked one by one, in the order in which they were sent; a citation
// opens its article, and the quoted words come into view.
() => {
  const narrow = matchMedia("(max-width: 800px)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const cited = 'a[href^="#cite-"]';
  let clicked = null; // the citation that the reader opened last: where "back" leads

  const waiting = []; // questions that were sent while another is being answered
  const queue = document.createElement("ul"); // shows them over the box
  queue.id = "wb-waiting";

  function list() {
    queue.replaceChildren(...waiting.map((question) => Object.assign(document.createElement("li"), { textContent: question })));
  }

  function askNext() {
    if (waiting.length) document.querySelector("#wb-next").click(); // Gradio ignores it while an answer is under way
  }

  function fill(text) {
    const box = document.querySelector("#wb-ask textarea");
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true })); // Gradio keeps the box's text too
  }

  window.wenbao = {
    wanted: "",
    send(question) {
      if (!question.trim()) return;
      waiting.push(question);
      list();
      askNext();
    },
    next() {
      const question = waiting.shift() ?? "";
      list();
      return question;
    },
    answered(failed) {
      if (failed && !document.querySelector("#wb-ask textarea").value) fill(failed); // never over what was typed since
      askNext();
    },
  };

  function takeQuestion(event) {
    // Gradio reads the box a frame later and would take what is typed next with it.
    event.preventDefault();
    event.stopPropagation();
    const question = document.querySelector("#wb-ask textarea").value;
    if (!question.trim()) return;
    fill("");
    window.wenbao.send(question);
  }

  document.addEventListener(
    "keypress", // not keydown: an input method's Enter is none
    (event) => {
      if (event.key === "Enter" && !event.shiftKey && event.target.matches?.("#wb-ask textarea")) takeQuestion(event);
    },
    true,
  );

  document.documentElement.lang = navigator.language.startsWith("zh") ? "zh-CN" : "en";

  function open(link) {
    // The clicked place first; then the same message's others, so that all it quotes of the article is marked.
    const message = link.closest(".wb-answer") ?? link.parentElement;
    const links = [link, ...message.querySelectorAll(cited)];
    window.wenbao.wanted = [...new Set(links.map((one) => one.getAttribute("href")))].join(" ");
    clicked = link;
    document.querySelector("#wb-open").click();
  }

  function back() {
    // Gradio may have drawn the message anew since.
    const again = clicked && document.querySelector(`#wb-chat a[href="${clicked.getAttribute("href")}"]`);
    const target = clicked?.isConnected ? clicked : (again ?? document.querySelector("#wb-ask textarea"));
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
  }

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
      if (!event.target.closest?.("#wb-new")) return;
      waiting.length = 0;
      list();
    },
    true, // before Gradio, which at #wb-new cancels the answer under way and asks for the next one
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

  const drawn = setInterval(() => {
    const source = document.querySelector("#wb-source");
    if (!source) return;
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
    // Gradio repeats each message's markup in a label, which a screen reader would read out instead of the text.
    const plain = () => document.querySelectorAll("#wb-chat [data-testid][aria-label]").forEach((m) => m.removeAttribute("aria-label"));
    new MutationObserver(plain).observe(document.querySelector("#wb-chat"), { childList: true, subtree: true });
  }, 50);
};
