const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (number: number): string => String(number).padStart(2, '0');

/** When a process started, as ps shows it: `HH:MM` today, else `MonDD`, in local time. */
export function startTime(started: Date, now: Date): string {
  return started.toDateString() === now.toDateString()
    ? `${two(started.getHours())}:${two(started.getMinutes())}`
    : `${months[started.getMonth()] ?? ''}${two(started.getDate())}`;
}
