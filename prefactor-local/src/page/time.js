// Instants in microseconds since 1970, and how they are written.

// The server writes UTC with six digits; Date alone would drop the last three.
export function micros(text) {
  return text ? Date.parse(`${text.slice(0, 19)}Z`) * 1000 + Number(text.slice(20, 26)) : null;
}

export function duration(span) {
  const length = Math.max(0, span);
  if (length < 1_000) return `${length} µs`;
  if (length < 1_000_000) return `${significant(length / 1_000)} ms`;
  if (length < 60_000_000) return `${significant(length / 1_000_000)} s`;
  const seconds = Math.floor(length / 1_000_000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
}

// The reader's own time zone; the date only when it is not today's.
export function clock(instant) {
  const at = new Date(instant / 1000);
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  const today = at.toDateString() === new Date().toDateString();
  return today ? time : `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${time}`;
}

// Marks on a time axis, at steps of 1, 2 or 5: zero and about as many more as there is room for.
export function ticks(length, room) {
  if (length <= 0) return [0];
  const rough = length / room;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough));
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => Math.round(index * step));
}

function significant(number) {
  return number < 10 ? number.toFixed(2) : number < 100 ? number.toFixed(1) : number.toFixed(0);
}

function pad(number) {
  return String(number).padStart(2, "0");
}
