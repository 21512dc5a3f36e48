// Opens a database, which creates a file, with a module of newer runtimes.
import { DatabaseSync } from "node:sqlite";

export default {
  name: "sqlite_file",
  description: "Opens a database, which creates a file, with a module of newer runtimes",
  input: { type: "object" },
  handler: ({ mark }) => {
    new DatabaseSync(mark).exec("create table t (a)");
    return "created";
  },
};
