// Files that a person puts into a modal.

import { control } from "./control.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";
import { now } from "./world.js";

/** A field for files; `value` are those chosen before, `{id, name}` each. */
export function fileInput({ given, value, label, key }, onchange) {
  const files = [...value];
  const list = h("ul", { class: "chosen-files" });
  const draw = () => list.replaceChildren(...files.map((each) => row(each)));
  const row = (file) =>
    h(
      "li",
      {},
      icon("file"),
      file.name,
      h(
        "button",
        { type: "button", class: "plain", "aria-label": `Remove ${file.name}`, onclick: () => remove(file) },
        icon("close"),
      ),
    );
  const remove = (file) => {
    files.splice(files.indexOf(file), 1);
    told();
  };
  const told = () => {
    draw();
    onchange([...files]);
  };
  const input = h("input", {
    type: "file",
    "aria-labelledby": label || null,
    "data-key": key,
    multiple: (given.max_files ?? 10) > 1,
    accept: given.filetypes?.map((each) => `.${each}`).join(",") ?? null,
    onchange: async () => {
      for (const file of input.files) files.push(await uploaded(file));
      input.value = "";
      told();
    },
  });
  draw();
  return h("span", { class: "files-field" }, list, input);
}

async function uploaded(file) {
  try {
    const { id, name } = await control("upload", {
      user: now.screen.viewer,
      name: file.name,
      content: await letters(file),
    });
    return { id, name };
  } catch (refused) {
    toast(refused.message);
    throw refused;
  }
}

/** Each byte as one character, as the controls take content. */
async function letters(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let content = "";
  for (const byte of bytes) content += String.fromCharCode(byte);
  return content;
}
