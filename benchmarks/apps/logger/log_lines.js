// node log_lines.js FOLDER LINES: CPU and speed of log lines by npm's `egg-logger`, as JSON on standard output:
// {"info": [microseconds of CPU per line, lines per second], ...}.
//
// The loggers are those of an Egg app: errors go to common-error.log, too. egg-logger collects lines, as eggd does.

"use strict";

const path = require("node:path");
const { finished } = require("node:stream/promises");
const { EggLoggers, EggContextLogger } = require("egg-logger");

const [folder, lines] = process.argv.slice(2);
const FILL = "x".repeat(149);
const names = { appLogName: "web.log", coreLogName: "egg-web.log", agentLogName: "egg-agent.log" };
process.noDeprecation = true;

function makeLoggers(name) {
  const dir = path.join(folder, name);
  return new EggLoggers({ logger: { type: "application", dir, errorLogName: "common-error.log", ...names } });
}

const ctx = {
  ip: "127.0.0.1",
  tracer: { traceId: "0af7651916cd43dd8448eb211c80319c" },
  starttime: Date.now(),
  method: "GET",
  url: "/pay?order=7",
};

function fail(depth) {
  if (depth) return fail(depth - 1);
  throw new Error("order 7 cannot be paid");
}

const CASES = {
  info: (logger) => logger.info("paid %d %s", 7, FILL),
  context: (logger, ctxLogger) => ctxLogger.info("paid %d %s", 7, FILL.slice(58)),
  error: (logger) => logger.error("paid %d %s", 7, FILL),
  raised: (logger) => {
    try {
      fail(3);
    } catch (error) {
      logger.error(error);
    }
  },
};

async function measure(name, write, count) {
  const loggers = makeLoggers(name);
  const logger = loggers.get("logger");
  const ctxLogger = new EggContextLogger(ctx, logger);
  const streams = [loggers.logger, loggers.errorLogger].map((each) => each.get("file")._stream);
  const cpu = process.cpuUsage();
  const began = process.hrtime.bigint();
  for (let n = 0; n < count; n++) write(logger, ctxLogger);
  for (const each of loggers.values()) each.close();
  await Promise.all(streams.map((stream) => finished(stream)));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  return [(user + system) / count, Math.round(count / seconds)];
}

async function main() {
  const result = {};
  for (const [name, write] of Object.entries(CASES)) {
    await measure(`warm-${name}`, write, 5000); // V8 compiles
    result[name] = await measure(name, write, Number(lines));
  }
  console.log(JSON.stringify(result));
}

main();
