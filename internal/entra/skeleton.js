(() => {
  // The structure of the page: elements and the names that Microsoft's script assigned to
  // them, without texts, values, addresses or user data.
  const safe = /^[A-Za-z][A-Za-z0-9_-]{0,60}$/;
  const lines = [];
  const walk = (el, depth) => {
    if (lines.length >= 1500 || depth > 40) return;
    let line = "  ".repeat(depth) + el.tagName.toLowerCase();
    if (safe.test(el.id)) line += "#" + el.id;
    for (const name of el.classList) if (safe.test(name)) line += "." + name;
    for (const name of ["type", "name", "role", "data-viewid", "data-value", "data-test-cred-id"]) {
      const value = el.getAttribute(name);
      if (value !== null && /^[A-Za-z0-9_-]{1,60}$/.test(value)) line += ` [${name}=${value}]`;
    }
    if (el.getClientRects().length === 0) line += " (hidden)";
    lines.push(line);
    if (["SCRIPT", "STYLE", "SVG", "IFRAME"].includes(el.tagName.toUpperCase())) return;
    for (const child of el.children) walk(child, depth + 1);
  };
  if (document.body) walk(document.body, 0);
  return lines.join("\n");
})()
