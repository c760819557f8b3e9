// Instants are microseconds since 1970.

export function duration(length) {
  const micros = Math.max(0, length);
  if (micros < 1_000) return `${Math.round(micros)} µs`;
  if (micros < 999_500) return `${significant(micros / 1_000)} ms`;
  if (micros < 59_950_000) return `${significant(micros / 1_000_000)} s`;
  const seconds = Math.round(micros / 1_000_000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

export function clock(instant) {
  const at = new Date(instant / 1000);
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  const now = new Date();
  if (at.toDateString() === now.toDateString()) return time;
  const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return at.getFullYear() === now.getFullYear() ? `${day} ${time.slice(0, 5)}` : `${date(at)} ${time.slice(0, 5)}`;
}

export function exactly(instant) {
  const at = new Date(Math.floor(instant / 1000));
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(pad).join(":");
  return `${date(at)} ${time}.${String(instant % 1_000_000).padStart(6, "0")}`;
}

export function date(at) {
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

// Steps are 1, 2 or 5 times a power of ten; `room` is about how many marks fit.
export function ticks(from, to, room) {
  const length = to - from;
  if (length <= 0) return [from];
  const rough = length / Math.max(1, room);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough));
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => Math.round((first + index) * step));
}

function significant(number) {
  return number < 9.995 ? number.toFixed(2) : number < 99.95 ? number.toFixed(1) : number.toFixed(0);
}

function pad(number) {
  return String(number).padStart(2, "0");
}
