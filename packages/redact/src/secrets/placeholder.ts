/** Words that stand in the place of a secret, in documents and examples. */
const words = new Set([
  ..."changeme change-me dummy empty example fake foobar hidden masked missing my-secret mysecret none null omitted pass".split(
    " ",
  ),
  ..."passwd password placeholder redacted removed required sample secret string test token undefined unset user value".split(
    " ",
  ),
  ..."your-password your-secret your-token yourpassword username".split(" "),
]);

/**
 * `${NAME}`, `$NAME`, `$(command)`, `<token>`, `{{ token }}`, `%s`, `%NAME%`, `%(name)s`, `[redacted: …]`, `***`, `(none)`, `…`, `#12`, `@name`.
 * A password may begin with `$`, `%`, `#` or `@`: there the rest of the value decides.
 */
const template = /^(?:\$(?:[({].*|[\w.:-]*)|%(?:\w{1,2}|\w+%|\(.*)|[<{[(…].*|\*\*.*|#\d*|@[\w./-]*)$/s;

/** Whether a value stands for a secret instead of being one: a reference, a template, a mask, a word. */
export function isPlaceholder(value: string): boolean {
  if (words.has(value.toLowerCase().replaceAll("_", "-"))) return true;
  return template.test(value) || isOneCharacter(value);
}

/** `xxxxxxxx`, `--------`, `00000000`. */
function isOneCharacter(value: string): boolean {
  for (let at = 1; at < value.length; at += 1) if (value[at] !== value[0]) return false;
  return true;
}
