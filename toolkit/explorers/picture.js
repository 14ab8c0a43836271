// A picture that tells where it was clicked.
function render({ model, el }) {
  const image = document.createElement("img");
  image.style.maxWidth = "100%";
  image.style.display = "block";
  const show = () => {
    const old = image.src;
    image.src = URL.createObjectURL(new Blob([model.get("value")], { type: model.get("mime") }));
    image.alt = model.get("alt");
    image.style.cursor = model.get("pointable") ? "crosshair" : "auto";
    if (old) URL.revokeObjectURL(old);
  };
  image.addEventListener("click", (event) => {
    if (!model.get("pointable")) return;
    const box = image.getBoundingClientRect();
    const count = model.get("pointed")[2] || 0;
    model.set("pointed", [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, count + 1]);
    model.save_changes();
  });
  model.on("change:value", show);
  show();
  el.appendChild(image);
}
export default { render };
