// Conversations in their drawer, and what can be done with an answer: copy, rate, share, edit, ask again.
(() => {
  const wenbao = window.wenbao;
  const words = wenbao.words;
  let post = {}; // what goes to the server next
  let from = null; // the button that it came from: focus goes back there

  const make = (name, more = {}, ...inside) => {
    const element = Object.assign(document.createElement(name), more);
    element.append(...inside);
    return element;
  };

  // What the page says in passing, for eyes and screen readers.
  const said = make("p", { id: "wb-said" });
  said.setAttribute("role", "status");
  let silence = 0;
  function say(text) {
    said.textContent = text;
    clearTimeout(silence);
    silence = setTimeout(() => (said.textContent = ""), 4000);
  }

  function act(verb, id = "", text = "") {
    post = { verb, id, text, conversation: wenbao.conversation };
    document.querySelector("#wb-act").click();
  }
  wenbao.post = () => JSON.stringify(post);
  wenbao.acted = (told) => {
    const { said: line, link, gone, anew } = told ? JSON.parse(told) : {};
    if (line) say(line);
    if (link !== undefined) offerLink(link);
    if (gone) wenbao.go("");
    if (anew) wenbao.go(wenbao.conversation);
    if (from) setTimeout(() => document.querySelector(`button[value="${from}"]`)?.focus());
  };

  // Where the page stands: what a greeting is asked for.
  wenbao.here = () =>
    JSON.stringify({ conversation: wenbao.conversation, share: wenbao.share, language: wenbao.chosen ?? "" });
  wenbao.go = (conversation) => {
    wenbao.forget();
    wenbao.move(conversation);
    wenbao.quiet().then(() => document.querySelector("#wb-greet").click()); // what belongs to before comes before
  };

  wenbao.speak = (language) => {
    wenbao.chosen = language;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.querySelector("#wb-greet").click();
  };

  // The drawer: a dialog of the browser's own, which keeps the focus and closes with Escape.
  const drawer = make("dialog", { id: "wb-drawer" });
  const listed = make("div", { id: "wb-drawn-list" });
  const shut = make("button", { type: "button", className: "wb-do", textContent: words.close });
  shut.addEventListener("click", () => drawer.close());
  const head = make("h2", { textContent: words.conversations, id: "wb-drawer-name" });
  drawer.setAttribute("aria-labelledby", "wb-drawer-name");
  drawer.append(make("header", {}, head, shut), listed);
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());

  function relist() {
    const held = drawer.contains(document.activeElement) ? document.activeElement.value : null;
    listed.innerHTML = document.querySelector("#wb-talks .prose")?.innerHTML ?? "";
    listed.querySelectorAll(`button[value="open.${wenbao.conversation}"]`).forEach((b) => b.setAttribute("aria-current", "true"));
    if (held) (listed.querySelector(`button[value="${held}"]`) ?? shut).focus();
  }

  // One form for everything that is written beside a question: it keeps Enter for sending, Shift+Enter for a new line.
  const form = make("dialog", { id: "wb-form" });
  const about = make("label", { htmlFor: "wb-form-text" });
  const text = make("textarea", { id: "wb-form-text", rows: 3 });
  const yes = make("button", { type: "button", className: "wb-do wb-main" });
  const no = make("button", { type: "button", className: "wb-do", textContent: words.cancel });
  const row = make("div", { className: "wb-row" }, no, yes);
  form.setAttribute("aria-labelledby", "wb-form-about");
  about.id = "wb-form-about";
  form.append(about, text, row);
  let done = () => {};
  let left = () => {};
  function askFor(question, value, button, then, other = { name: words.cancel, then: () => {} }) {
    about.textContent = question;
    text.hidden = value === null;
    text.readOnly = false;
    text.value = value ?? "";
    yes.textContent = button;
    no.textContent = other.name;
    done = then;
    left = other.then;
    form.showModal();
    if (value === null) no.focus();
    else text.select();
  }
  function finish() {
    form.close();
    done(text.value);
  }
  yes.addEventListener("click", finish);
  no.addEventListener("click", () => {
    form.close();
    left();
  });
  text.addEventListener("keypress", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    finish();
  });

  function offerLink(share) {
    const link = new URL(`share/${share}`, location.origin + location.pathname).href;
    const id = from?.split(".")[1] ?? "";
    askFor(words.share_link, link, words.copy, (all) => copy(all), { name: words.unshare, then: () => act("unshare", id) });
    text.readOnly = true;
    text.select();
  }

  // Copying works without https, too.
  function copyOld(all) {
    const held = document.activeElement;
    const box = make("textarea", { value: all, readOnly: true });
    box.style.cssText = "position:fixed;top:0;opacity:0";
    (document.querySelector("dialog[open]") ?? document.body).append(box);
    box.select();
    const worked = document.execCommand("copy");
    box.remove();
    held?.focus();
    return worked;
  }
  async function copy(all) {
    let worked = false;
    try {
      await navigator.clipboard.writeText(all);
      worked = true;
    } catch {
      worked = copyOld(all);
    }
    say(worked ? words.copied : words.copy_failed);
  }
  // An answer as text: its sentences with their marks, what is said of it, its sources as footnotes.
  function answerText(message) {
    const answer = message.querySelector(".wb-answer, .wb-refusal");
    const lines = [];
    for (const part of answer.children) {
      const inside = part.matches("ul") ? [...part.children] : [part];
      if (part.matches(".wb-sources")) lines.push("");
      for (const one of inside) {
        const copy = one.cloneNode(true);
        copy.querySelectorAll("small").forEach((doubt) => doubt.replaceWith(`（${doubt.textContent}）`));
        copy.querySelectorAll(".wb-sources a, li > span").forEach((piece) => piece.append(" "));
        lines.push((part.matches(".wb-list") ? "· " : "") + copy.textContent.trim());
      }
    }
    return lines.join("\n").trim();
  }

  const verbs = {
    copy: (id, button) => copy(answerText(button.closest(".message"))),
    up: (id) => act("up", id),
    down: (id, button) => {
      const given = button.classList.contains("wb-on");
      act("down", id);
      if (!given) askFor(words.why_long, "", words.save, (why) => act("reason", id, why));
    },
    why: (id) => askFor(words.why_long, "", words.save, (why) => act("reason", id, why)),
    share: (id) => act("share", id),
    retry: (id, button) => again(id, questionOf(button)),
    edit: (id, button) => askFor(words.edit_long, questionOf(button), words.send, (question) => again(id, question)),
    ask: (id, button) => wenbao.send(button.textContent.trim()),
    open: (id) => {
      drawer.close();
      if (id !== wenbao.conversation || wenbao.share) wenbao.go(id);
    },
    rename: (id, button) => askFor(words.new_title, button.closest("li").querySelector("button").textContent, words.save, (title) => act("rename", id, title)),
    delete: (id) => askFor(words.delete_sure, null, words.delete, () => act("delete", id)),
    clear: () => askFor(words.delete_all_sure, null, words.delete, () => act("clear")),
    sample: () => act("sample"),
    language: (id) => {
      wenbao.chosen = id;
      const folder = new URL(".", location.href).pathname; // in a frame the page's own name is another one
      document.cookie = `wenbao_language=${id}; path=${folder}; max-age=31536000; SameSite=Lax`;
      if (navigator.cookieEnabled && document.cookie.includes("wenbao_language")) {
        wenbao.keeps = true; // what is in the box
        location.reload();
      } else wenbao.speak(id);
    },
    talks: () => {
      relist();
      drawer.showModal();
    },
  };
  const questionOf = (button) => button.closest(".message-row").previousElementSibling?.querySelector(".wb-question")?.innerText ?? "";
  const again = (id, question) => wenbao.send(question, id);

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.wb-do[value]");
    if (!button) return;
    const [verb, id = ""] = button.value.split(".");
    from = button.value;
    verbs[verb]?.(id, button);
  });

  wenbao.drawn = () => {
    document.querySelector(".gradio-container").append(drawer, form, said);
    new MutationObserver(relist).observe(document.querySelector("#wb-talks"), { childList: true, subtree: true, characterData: true });
  };
})();
