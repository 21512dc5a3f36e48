// Loads Ink and React as an interactive app wants them. To be imported before any other module that imports them; the order
// of these lines is what it is about.
import "./begin.js";
import "react/jsx-runtime";
import "ink";
import "./end.js";
