// The archive's pages link to the chat narrowed to a day, a paper or a place: #since=…&until=…&paper=…&place=…&byline=….
// Once the filter is drawn, its fields are filled from there, and the address forgets them; what else it says stays.
"use strict";
(() => {
  const NAMES = ["since", "until", "paper", "place", "byline"];

  function take() {
    const said = new URLSearchParams(location.hash.slice(1));
    const wanted = NAMES.filter((name) => said.get(name)).map((name) => [name, said.get(name).slice(0, 60)]);
    if (!wanted.length) return;
    const drawn = setInterval(() => {
      const fields = wanted.map(([name, value]) => [document.querySelector(`#wb-${name} input`), value]);
      if (fields.some(([field]) => !field) || !document.querySelector(".wb-greeting")) return; // the greeting comes last
      clearInterval(drawn);
      fields.forEach(([field, value]) => fill(field, value));
      const left = new URLSearchParams(location.hash.slice(1));
      NAMES.forEach((name) => left.delete(name));
      history.replaceState(null, "", location.pathname + location.search + (`${left}` ? `#${left}` : ""));
    }, 100);
  }

  function fill(field, value) {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true })); // Gradio keeps the text too
    if (field.getAttribute("role") !== "listbox") return;
    // The list of papers takes a name when Enter is pressed in it.
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    field.dispatchEvent(new Event("blur"));
  }

  addEventListener("hashchange", take);
  take();
})();
