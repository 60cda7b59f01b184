type Check = (member: unknown) => string | undefined;

/** Members that the runner uses of an opened entry; what a check answers stands behind "instead of". */
type Members = Readonly<Record<string, Check>>;

const aFunction = "a function";
const call: Check = (member) => (typeof member === "function" ? undefined : aFunction);
const mayCall: Check = (member) => (member === undefined ? undefined : call(member));

const methodName = /^[A-Z]+$/;
// What node:http and fetch name headers by; see RFC 9110 §5.6.2.
const lowerHeaderName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

const pullMembers: Members = {
  pages: call,
  range: mayCall,
  wait: mayCall,
  maintain: mayCall,
  check: mayCall,
  testPush: mayCall,
  map: mayCall,
  fetchItem: mayCall,
};

const pushMembers: Members = {
  pages: call,
  verify: mayCall,
  provesByHead: (member) => (member === undefined || typeof member === "boolean" ? undefined : "true or false"),
  receive: mayCall,
  respond: mayCall,
  respondUnverified: mayCall,
  identify: mayCall,
  partOf: mayCall,
  check: mayCall,
  testPush: mayCall,
  map: mayCall,
  fetchItem: mayCall,
  methods: (member) =>
    member === undefined || (isListOf(methodName, member) && member.length > 0)
      ? undefined
      : "a list of HTTP methods in capitals",
  storedHeaders: (member) =>
    member === undefined || isListOf(lowerHeaderName, member) ? undefined : "a list of header names in lower case",
  form: (member) => (member === undefined || isForm(member) ? undefined : "{ field } with the name of a field"),
  stores: (member) => (member === undefined || member === "event" || member === "trigger" ? undefined : '"event" or "trigger"'),
};

/** What `open()` returned, in a sentence, when the runner could not use it: a connector may be plain JavaScript. Undefined: it can be used. */
export function openedFault(opened: unknown, direction: "pull" | "push"): string | undefined {
  if (typeof opened !== "object" || opened === null) return `${nameOf(opened)} instead of an object`;
  if ("then" in opened) return "a promise instead of what it opened";
  for (const [name, check] of Object.entries(direction === "pull" ? pullMembers : pushMembers)) {
    const member: unknown = Reflect.get(opened, name);
    const expected = check(member);
    if (expected === undefined) continue;
    const found = expected === aFunction ? nameOf(member) : shown(member);
    return `an object whose \`${name}\` is ${found} instead of ${expected}`;
  }
  return undefined;
}

function isListOf(form: RegExp, member: unknown): member is readonly string[] {
  return Array.isArray(member) && member.every((each) => typeof each === "string" && form.test(each));
}

function isForm(member: unknown): boolean {
  if (typeof member !== "object" || member === null) return false;
  const field: unknown = Reflect.get(member, "field");
  return typeof field === "string" && field !== "";
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

const mostShown = 5;

function shown(value: unknown): string {
  if (!Array.isArray(value)) return nameOf(value);
  const elements = value.map((each) =>
    typeof each === "string" ? JSON.stringify(each.slice(0, 40).toWellFormed()) : nameOf(each),
  );
  return `[${[...elements.slice(0, mostShown), ...(elements.length > mostShown ? ["…"] : [])].join(", ")}]`;
}
