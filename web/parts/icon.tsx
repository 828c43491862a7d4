/** Line icons of 16 px; always beside a word or with a label on the control that holds them. */
const paths = {
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5 14 14',
  close: 'M4 4l8 8M12 4l-8 8',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M5 3l8 5-8 5z',
  stop: 'M4 4h8v8H4z',
  down: 'M4 6l4 4 4-4',
  up: 'M4 10l4-4 4 4',
  left: 'M10 4L6 8l4 4',
  right: 'M6 4l4 4-4 4',
  upload: 'M8 10V2.5M5 5l3-3 3 3M2.5 10v3.5h11V10',
  download: 'M8 2.5V10M5 7.5l3 3 3-3M2.5 10.5v3h11v-3',
  grid: 'M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z',
  table: 'M2 3.5h12M2 8h12M2 12.5h12',
  copy: 'M6 6h7.5v7.5H6zM10 6V2.5H2.5V10H6',
  panel: 'M2 3h12v10H2zM10 3v10',
  turnLeft: 'M3 2.5V6h3.5M3 6a5.5 5.5 0 1 1-.4 4',
  turnRight: 'M13 2.5V6H9.5M13 6a5.5 5.5 0 1 0 .4 4',
  ruler: 'M1.5 5h13v6h-13zM4.5 5v2.5M7.5 5v3.5M10.5 5v2.5',
  compare: 'M2 3h5v10H2zM9 3h5v10H9z',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.01M7 6.5h.01M10 6.5h.01M12.5 6.5h.01M4.5 9.5h7',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
