// The referral card is printed by a button: officers have no menu in a kiosk's browser.
document.getElementById("print").addEventListener("click", () => print());
