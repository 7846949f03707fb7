/** Owns the mark: a pigeon on the wing, in slate, neck green, violet and coral. Decoration: the name stands beside it. */
// Bun reads tsconfig.json from the working directory alone [1.4.5]: what the server writes says itself where JSX comes from.
/** @jsxImportSource preact */

/** The body is drawn in the colour of the text around it. */
export function Mark() {
  return (
    <svg viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path
        fill="#8f6be0"
        d="M27 22C28 13 33 6 42 3c-.4 3.400-1.300 5.600-2.600 7.600 1.500-.2 2.400-.5 3.600-1.100-1.200 6.500-4.500 11.500-10.500 15z"
      />
      <path
        fill="currentColor"
        d="M45 21.500c-1.600-.7-2.600-1.900-4.600-2.400-3.600-.9-6.600.8-8.300 3.800L28 25C19 26 10 28 2 34.500c4.300.6 8.200.500 11.800-.2C18 39.600 28.500 40.500 35 34.500c3.400-3.100 5-6.600 5.600-10.200 1.500-.5 3-1.400 4.400-2.800z"
      />
      <path
        fill="#17a38a"
        d="M32 26C28 14 18 7 4 7c2 4 4.200 6.500 6.800 8.300-2 .1-3.500 0-5.300-.4 2 4 4.700 6.700 7.800 8.300-1.500.3-2.700.4-4.200.4 5 6.500 14 8.400 22.900 2.400z"
      />
      <path
        fill="#f0806c"
        d="M40.600 24.300c1.500-.5 3-1.400 4.400-2.800-1.600-.7-2.600-1.900-4.600-2.400.9 1.500 1 3.200.2 5.200z"
      />
      <circle cx="37.400" cy="22.200" r="1" fill="#121a33" />
    </svg>
  );
}
