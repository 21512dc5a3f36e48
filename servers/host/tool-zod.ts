// What `zod` is to a tool in the sandbox: by address, since a staged module is in no package that could find it by name.
export * from "zod";
export { z as default } from "zod";
