import { type SlideSort, slideSorts } from '@stroma/core/slide-sorts';

/** What the list can be narrowed to besides the fields below; the value is what the API is asked. */
export const slideKinds = [
  { value: 'scale=open', label: 'Scale not settled' },
  { value: 'scale=missing', label: 'Without a scale' },
  { value: 'scale=conflict', label: 'Scale in conflict' },
  { value: 'duplicates=true', label: 'Possible duplicates' },
  { value: 'identifying=found', label: 'Identifying fields' },
  { value: 'identifying=none', label: 'No identifying field' },
  { value: 'identifying=unknown', label: 'Not looked through' },
];

/** Words of the address that narrow the list. */
export const narrowing = ['search', 'only', 'label', 'labelled', 'site', 'graded', 'format'] as const;

/** What the API is asked for, of what the page's address says; words that mean nothing are left out. */
export function slideQuery(address: URLSearchParams): URLSearchParams {
  const only = slideKinds.find(({ value }) => value === address.get('only'))?.value;
  const query = new URLSearchParams(only);
  for (const name of narrowing) {
    const value = address.get(name);
    if (name === 'only' || !value) continue;
    if ((name === 'graded' || name === 'labelled') && value !== 'true' && value !== 'false') continue;
    query.set(name, value);
  }
  const sort = sortOf(address);
  if (sort) query.set('sort', sort);
  return query;
}

export const sortOf = (address: URLSearchParams): SlideSort | undefined =>
  slideSorts.find((sort) => sort === address.get('sort'));
