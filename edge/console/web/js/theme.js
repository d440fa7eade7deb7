// Runs before the page is painted: dark or light as the person chose, else as the system says.
document.documentElement.dataset.theme = localStorage.getItem('gianh.theme') || 'auto';
