// The archive's pages link to the chat narrowed to a day, a paper or a place: #since=…&until=…&paper=…&place=…&byline=….
// Once the filter is drawn it is opened and its fields are filled from there, and the address forgets them. This stands
// before all other scripts, because they take from the address what is theirs and drop the rest.
(() => {
  const NAMES = ["since", "until", "paper", "place", "byline"];
  const LONGEST = 60; // characters of a field, as filters.py reads them

  const said = new URLSearchParams(location.hash.slice(1));
  const wanted = NAMES.filter((name) => said.get(name)).map((name) => [name, said.get(name).slice(0, LONGEST)]);
  if (!wanted.length) return;

  const drawn = setInterval(() => {
    if (!document.querySelector(".wb-greeting")) return; // the greeting comes last, and empties the filter
    const fold = document.querySelector("#wb-filter button");
    const fields = wanted.map(([name, value]) => [document.querySelector(`#wb-${name} input`), value]);
    if (fields.some(([field]) => !field)) {
      if (fold?.getAttribute("aria-expanded") === "false") fold.click(); // closed, it has no fields yet
      return;
    }
    clearInterval(drawn);
    fields.forEach(([field, value]) => fill(field, value));
    forget();
  }, 100);

  function fill(field, value) {
    field.focus();
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true })); // Gradio keeps the text too
    // The list of papers takes a name when Enter is pressed in it.
    if (field.getAttribute("role") === "listbox") field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    field.blur();
  }

  function forget() {
    const left = new URLSearchParams(location.hash.slice(1));
    NAMES.forEach((name) => left.delete(name));
    history.replaceState(history.state, "", location.pathname + location.search + (left.size ? `#${left}` : ""));
    document.querySelector("#wb-ask textarea")?.focus();
  }
})();
