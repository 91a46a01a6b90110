// Dolos with its own settings over CLASS/<student>/*.py, the files of a student as one: pairs.mjs CLASS [STARTER] prints left,right,similarity
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Dolos, File } from "@dodona/dolos-lib";

const [folder, starter] = process.argv.slice(2);
const sourceOf = (student) => {
  const files = readdirSync(join(folder, student)).filter((name) => name.endsWith(".py")).sort();
  return files.map((name) => readFileSync(join(folder, student, name), "utf8")).join("\n");
};
const works = readdirSync(folder).sort().map((student) => new File(`${student}.py`, sourceOf(student)));
const given = starter && new File("starter.py", readFileSync(starter, "utf8"));
const report = await new Dolos({ language: "python" }).analyze(works, "class", given);
const nameOf = (file) => basename(file.path, ".py");
const lines = report.allPairs().map((pair) => [nameOf(pair.leftFile), nameOf(pair.rightFile), pair.similarity].join(","));
process.stdout.write(`left,right,similarity\n${lines.join("\n")}\n`);
