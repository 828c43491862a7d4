import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** The one accent: far from eosin and haematoxylin, so that tissue keeps its own colours. */
const lagoon: MantineColorsTuple = [
  '#e2f4f5',
  '#c4e6e9',
  '#9bd5da',
  '#78c8d1',
  '#56c2cf',
  '#2f9dab',
  '#17808e',
  '#0b6f7d',
  '#085c68',
  '#054852',
];

const dark: MantineColorsTuple = [
  '#e4e9ea',
  '#b6c0c4',
  '#96a3a8',
  '#69767b',
  '#3d484d',
  '#2f383c',
  '#20272a',
  '#171c1e',
  '#101415',
  '#0c0f10',
];

const small = { defaultProps: { size: 'xs' } };

export const theme = createTheme({
  colors: { lagoon, dark },
  primaryColor: 'lagoon',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: 'Inter, "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", Menlo, "Liberation Mono", monospace',
  fontSizes: { xs: '12.5px', sm: '13.5px', md: '14px', lg: '16px', xl: '20px' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '20px' }, h2: { fontSize: '15px' }, h3: { fontSize: '13.5px' } },
  },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  components: {
    Button: small,
    TextInput: small,
    NativeSelect: small,
    Textarea: small,
    SegmentedControl: small,
    Checkbox: small,
    Tabs: { defaultProps: { radius: 0 } },
  },
});
